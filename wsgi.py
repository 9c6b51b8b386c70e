"""What gunicorn and `flask` find: `app`, set up by `TWO_SEATS_*` (see README, Settings)."""

from sandbox import create_app

app = create_app()
