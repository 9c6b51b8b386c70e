"""decisions and questions about grades, key amendments, held results"""

from alembic import op
import sqlalchemy as sa


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('grade_event',
    sa.Column('seq', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('assignment', BINARY, nullable=False),
    sa.Column('person', BINARY, nullable=False),
    sa.Column('task', BINARY, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('by', BINARY, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempt', BINARY, nullable=False),
    sa.Column('criterion', sa.Text(), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('undoes', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('seq')
    )
    with op.batch_alter_table('grade_event', schema=None) as batch_op:
        batch_op.create_index('grade_event_of', ['assignment', 'person', 'task'], unique=False)
        batch_op.create_index(batch_op.f('ix_grade_event_person'), ['person'], unique=False)

    op.create_table('amendment',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('assignment', BINARY, nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('criterion', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('keep', sa.Boolean(), nullable=False),
    sa.Column('by', BINARY, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('undone', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('amendment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_amendment_assignment'), ['assignment'], unique=False)

    op.create_table('held_results',
    sa.Column('assignment', BINARY, nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('by', BINARY, nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('assignment')
    )


def downgrade() -> None:
    op.drop_table('held_results')
    with op.batch_alter_table('amendment', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_amendment_assignment'))

    op.drop_table('amendment')
    with op.batch_alter_table('grade_event', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_grade_event_person'))
        batch_op.drop_index('grade_event_of')

    op.drop_table('grade_event')
