-- How many chunks the partition's snapshot has: that one is missing shows, also the last. Null where a program before this wrote the checkpoint.
alter table checkpoint add column sensor_chunks int, add column machine_chunks int;
