"""further instructors of a class; what late work costs, and when results open"""

from alembic import op
import sqlalchemy as sa


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('teaching',
    sa.Column('course', BINARY, nullable=False),
    sa.Column('person', BINARY, nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('course', 'person')
    )
    with op.batch_alter_table('teaching', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_teaching_person'), ['person'], unique=False)

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('late_points', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('late_floor', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('release', sa.Text(), server_default='once', nullable=False))


def downgrade() -> None:
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_column('release')
        batch_op.drop_column('late_floor')
        batch_op.drop_column('late_points')

    with op.batch_alter_table('teaching', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_teaching_person'))

    op.drop_table('teaching')
