"""messages of a class with who has them, and where each learner is just now"""

from alembic import op
import sqlalchemy as sa


revision = '0008'
down_revision = '0005'
branch_labels = None
depends_on = None

BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('message',
    sa.Column('id', BINARY, nullable=False),
    sa.Column('course', BINARY, nullable=False),
    sa.Column('sender', BINARY, nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_message_course'), ['course'], unique=False)

    op.create_table('receipt',
    sa.Column('message', BINARY, nullable=False),
    sa.Column('person', BINARY, nullable=False),
    sa.Column('shown', sa.DateTime(timezone=True), nullable=True),
    sa.Column('read', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('message', 'person')
    )
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_receipt_person'), ['person'], unique=False)

    op.create_table('presence',
    sa.Column('person', BINARY, nullable=False),
    sa.Column('story', BINARY, nullable=False),
    sa.Column('task', sa.Text(), nullable=False),
    sa.Column('page', sa.Text(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('checks', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('person')
    )


def downgrade() -> None:
    op.drop_table('presence')
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_receipt_person'))

    op.drop_table('receipt')
    with op.batch_alter_table('message', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_message_course'))

    op.drop_table('message')
