"""What one customer is owed: their data out, or gone."""
