"""who saw a class as one of its learners does"""

from alembic import op
import sqlalchemy as sa


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'look',
        sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('course', BINARY, nullable=False),
        sa.Column('by', BINARY, nullable=False),
        sa.Column('person', BINARY, nullable=False),
        sa.Column('at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id'))
    with op.batch_alter_table('look', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_look_course'), ['course'], unique=False)
        batch_op.create_index(batch_op.f('ix_look_person'), ['person'], unique=False)


def downgrade() -> None:
    op.drop_table('look')
