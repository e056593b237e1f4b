"""The schema's history, a revision a file; ``agent/store/migrate.py`` runs them."""
