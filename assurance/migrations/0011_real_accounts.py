from django.contrib.auth.hashers import make_password
from django.db import migrations
from django.db.models import Q


def end_the_demonstration_of_real_accounts(apps, schema_editor):
    """Accounts of the demonstration that were given another address are somebody's.

    They keep nothing that anybody could have signed in with; an administrator, or
    ``setup_office``, invites their owners.
    """
    made_up = Q(email__endswith='@demo.example') | Q(email__endswith='@bulk.example')
    accounts = apps.get_model('assurance', 'User').objects
    for account in accounts.filter(~made_up, is_demonstration=True):
        account.is_demonstration = False
        account.password = make_password(None)
        account.link_made_at = None
        account.save(update_fields=['is_demonstration', 'password', 'link_made_at'])


class Migration(migrations.Migration):

    dependencies = [
        ('assurance', '0010_names_of_many'),
    ]

    operations = [
        migrations.RunPython(
            end_the_demonstration_of_real_accounts, migrations.RunPython.noop
        ),
    ]
