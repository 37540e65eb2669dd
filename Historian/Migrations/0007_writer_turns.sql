-- The turn of the program that writes this database. Each that takes over from another begins a new one; what is left of an earlier turn writes nothing more.
create table writer (
    one boolean primary key default true check (one),
    turn bigint not null
);
insert into writer (turn) values (0);
