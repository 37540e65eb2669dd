-- From when on each table is whole: what is older has been deleted or may be at any moment. Raised, and committed, before anything is
-- deleted; no row where nothing ever was. Times are microseconds since 1970-01-01 UTC.
create table retention (
    name text primary key check (name in ('readings', 'windows', 'flags', 'dead_letters')),
    start_time bigint not null
);

create function retention_start(what text) returns bigint
language sql stable
as $$ select coalesce((select start_time from public.retention where name = what), 0) $$;
