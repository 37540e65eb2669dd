-- The turn of the program that writes a partition: in one process that of all of them, in a cluster each silo's of those that it reads. Who takes a partition
-- over begins a new turn; what is left of an earlier one writes nothing more. It follows the one turn of the whole database.
create table partition_turn (
    partition smallint primary key,
    turn bigint not null,
    owner text -- who took it, for people
) with (fillfactor = 50);
drop table writer;
