"""saved reports, and the classes that they are shown to"""

from alembic import op
import sqlalchemy as sa


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

BINARY = sa.Text().with_variant(sa.Text(collation='C'), 'postgresql')


def upgrade() -> None:
    op.create_table('saved_report',
    sa.Column('id', BINARY, nullable=False),
    sa.Column('workspace', BINARY, nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('sql', sa.Text(), nullable=False),
    sa.Column('look', sa.Text(), nullable=False),
    sa.Column('saved', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lab', sa.Text(), nullable=False),
    sa.Column('ran', sa.DateTime(timezone=True), nullable=True),
    sa.Column('result', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('saved_report', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_report_workspace'), ['workspace'], unique=False)

    op.create_table('dashboard_share',
    sa.Column('workspace', BINARY, nullable=False),
    sa.Column('course', BINARY, nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('workspace', 'course')
    )
    with op.batch_alter_table('dashboard_share', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_dashboard_share_course'), ['course'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('dashboard_share', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_dashboard_share_course'))

    op.drop_table('dashboard_share')
    with op.batch_alter_table('saved_report', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_saved_report_workspace'))

    op.drop_table('saved_report')
