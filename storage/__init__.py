"""What must survive a restart: SQLite by sqlite-utils, migrations, plain SQL."""
