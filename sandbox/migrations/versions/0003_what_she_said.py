"""what she said: two lines after Submit, one at each chair"""

from alembic import op
import sqlalchemy as sa


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hope',
    sa.Column('person', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('seat', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('liking', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('person', 'seat')
    )
    op.create_table('said',
    sa.Column('attempt', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('expected', sa.Integer(), nullable=True),
    sa.Column('more', sa.Integer(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('attempt')
    )
    # Results that were seen already cannot be spoken of before they are seen: nobody is asked about them.
    op.execute("INSERT INTO said (attempt, expected, more, at) SELECT id, NULL, NULL, submitted FROM attempt")


def downgrade() -> None:
    op.drop_table('said')
    op.drop_table('hope')
