"""a place in a class (the school's ID, section, active), and when an assignment opens and closes, for whom"""

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

    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('opens', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('closes', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('join_days', sa.Integer(), nullable=True))

    op.create_table('allowance',
    sa.Column('course', BINARY, nullable=False),
    sa.Column('person', BINARY, nullable=False),
    sa.Column('percent', sa.Integer(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('course', 'person')
    )
    op.create_table('extension',
    sa.Column('assignment', BINARY, nullable=False),
    sa.Column('person', BINARY, nullable=False),
    sa.Column('due', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('assignment', 'person')
    )
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_extension_person'), ['person'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('extension', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_extension_person'))

    op.drop_table('extension')
    op.drop_table('allowance')
    with op.batch_alter_table('assignment', schema=None) as batch_op:
        batch_op.drop_column('join_days')
        batch_op.drop_column('closes')
        batch_op.drop_column('opens')

    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.drop_column('active')
        batch_op.drop_column('section')
        batch_op.drop_column('known')
