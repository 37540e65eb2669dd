-- Late readings wait in late_segment until they are merged into segment; their order of arrival tells then what each of them was.
create index late_segment_queue on late_segment (sensor, id);

-- What they turned out to be: a sensor's counters are its twin's and these. No row where all were new.
create table late_count (
    sensor int primary key,
    duplicates bigint not null,
    corrections bigint not null
) with (fillfactor = 50);
