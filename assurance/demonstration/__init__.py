"""What the demonstration and the data for measuring consist of."""
