comment on column pgops.operation.operation is
    'add, split, merge, drain, detach, archive, drop, or convert, which its undo or finish ends in the same row.';
comment on column pgops.operation.state is
    'planned, copying, replaying, waiting, switching, finishing, done; failed (an error stopped it: resume or cancel), '
    'kept (converted; old and new table are kept in step until undo or finish), cancelled, undone.';
comment on column pgops.operation.method is
    'How it is done: swap (rows are copied and tables exchanged), attach, detach, archive, drop, convert (rows are copied and '
    'names exchanged) or follow (rows are copied into a second table).';
comment on column pgops.operation.relation is
    'The table whose direct partitions are concerned, or that is converted (after the switch: the old table).';
