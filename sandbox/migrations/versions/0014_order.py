"""seats in turn: whose turn it is, in which order, two stories as one set, and the other seat opened early"""

from alembic import op
import sqlalchemy as sa


revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None
BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('turn', sa.Integer(), nullable=True))
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('order', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('pair', BINARY, nullable=False, server_default=''))
    op.create_table('opened_seat',
    sa.Column('assignment', BINARY, nullable=False),
    sa.Column('person', BINARY, nullable=False),
    sa.Column('by', BINARY, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('assignment', 'person')
    )


def downgrade() -> None:
    op.drop_table('opened_seat')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_column('pair')
        batch_op.drop_column('order')
    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.drop_column('turn')
