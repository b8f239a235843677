from django.contrib.auth.hashers import make_password
from django.db import migrations
from django.db.models import Q


def end_the_demonstration_of_real_accounts(apps, schema_editor):
    """Accounts of the demonstration that were given another address are somebody's.

    They keep nothing that anybody could have signed in with, nor what whoever did may
    have set up; an administrator, or ``setup_office``, invites their owners.
    """
    made_up = Q(email__endswith='@demo.example') | Q(email__endswith='@bulk.example')
    accounts = apps.get_model('assurance', 'User').objects
    set_up = [
        apps.get_model(label)
        for label in ('mfa.Authenticator', 'socialaccount.SocialAccount', 'assurance.Session')
    ]
    for account in accounts.filter(~made_up, is_demonstration=True):
        for model in set_up:
            model.objects.filter(user_id=account.pk).delete()
        account.is_demonstration = False
        account.password = make_password(None)
        account.link_made_at = None
        account.save(update_fields=['is_demonstration', 'password', 'link_made_at'])


class Migration(migrations.Migration):

    dependencies = [
        ('assurance', '0010_names_of_many'),
        ('mfa', '0003_authenticator_type_uniq'),
        ('socialaccount', '0006_alter_socialaccount_extra_data'),
    ]

    operations = [
        migrations.RunPython(
            end_the_demonstration_of_real_accounts, migrations.RunPython.noop
        ),
    ]
