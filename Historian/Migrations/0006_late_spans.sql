-- Flags that a replay of late readings raised, rather than a detector as they came.
alter table flag add column backfilled boolean not null default false;

-- Whether the readings were so late that no detector judged them in order: merging them leaves their times in late_span.
alter table late_segment add column judge boolean not null default false;

-- Times of late readings, new or corrected, that are in the history by now and that a replay has yet to judge.
create table late_span (
    id bigint generated always as identity primary key,
    sensor int not null,
    from_time bigint not null,
    to_time bigint not null, -- inclusive
    queued timestamptz not null default now()
);
create index on late_span (sensor, from_time);
