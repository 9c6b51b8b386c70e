"""a place in a class: the school's ID, a section, and whether it is active"""

from alembic import op
import sqlalchemy as sa


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('known', BINARY, nullable=True))
        batch_op.add_column(sa.Column('section', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('active', sa.Boolean(), nullable=False, server_default=sa.true()))


def downgrade() -> None:
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.drop_column('active')
        batch_op.drop_column('section')
        batch_op.drop_column('known')
