"""What was changed when by whom, put into words from the tables that keep it."""
