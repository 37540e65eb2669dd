using Npgsql;
using SensorGrid.Core.Readings;
using SensorGrid.Historian.Queries;

namespace SensorGrid.Historian.Tests.Postgres;

[Collection(PostgresTests.Name)]
public sealed class HistoryReaderTests(PostgresFixture postgres)
{
    private const int Segments = 1000;

    [PostgresFact]
    public async Task Reads_a_span_in_order_over_many_pages()
    {
        await using var source = await postgres.CreateDatabaseAsync();
        await FillAsync(source);
        await using var database = new Database(source.ConnectionString);
        await using var reader = await HistoryReader.OpenAsync(database, default);

        // The first span begins and the second ends within a segment.
        Assert.Equal(Enumerable.Range(0, Segments), await StartsAsync(reader, 1, 0, EventTime.Max));
        Assert.Equal(Enumerable.Range(100, 500), await StartsAsync(reader, 1, 1005, 5991));
        Assert.Empty(await StartsAsync(reader, 1, 6, 10));
        Assert.Empty(await StartsAsync(reader, 3, 0, EventTime.Max));
    }

    [PostgresFact]
    public async Task Who_stops_early_costs_no_more_than_a_page()
    {
        await using var source = await postgres.CreateDatabaseAsync();
        await FillAsync(source);
        // Whoever computes the data of a segment beyond the first pages fails.
        await using (var trap = source.CreateCommand(
            """
            alter table segment rename to stored_segment;
            create function trap(start bigint, data bytea) returns bytea stable language plpgsql as
                $$ begin if start > 5000 then raise exception 'read too far'; end if; return data; end $$;
            create view segment as select sensor, start_time, end_time, count, trap(start_time, data) as data from stored_segment;
            """))
        {
            await trap.ExecuteNonQueryAsync();
        }
        await using var database = new Database(source.ConnectionString);
        await using var reader = await HistoryReader.OpenAsync(database, default);

        await foreach (var segment in reader.SegmentsAsync([new SensorSpan(1, 0, EventTime.Max)], default))
        {
            Assert.Equal(0, segment.Row.Start);
            break;
        }

        Assert.Equal(Enumerable.Range(0, 500), await StartsAsync(reader, 1, 0, 5000));
        var fault = await Assert.ThrowsAsync<PostgresException>(() => StartsAsync(reader, 1, 0, EventTime.Max));
        Assert.Equal("read too far", fault.MessageText);
    }

    // Segment i of a sensor has readings at 10 i and 10 i + 5.
    private static async Task FillAsync(NpgsqlDataSource source)
    {
        foreach (var sensor in new[] { 1, 2 })
        {
            await using var insert = source.CreateCommand("insert into segment select $1, 10 * i, 10 * i + 5, 2, '' from generate_series(0, $2 - 1) i");
            insert.Parameters.Add(new() { Value = sensor });
            insert.Parameters.Add(new() { Value = Segments });
            await insert.ExecuteNonQueryAsync();
        }
    }

    private static async Task<List<int>> StartsAsync(HistoryReader reader, int sensor, long from, long to)
    {
        var starts = new List<int>();
        await foreach (var segment in reader.SegmentsAsync([new SensorSpan(sensor, from, to)], default))
        {
            Assert.Equal((0, sensor, segment.Row.Start + 5, 2), (segment.Span, segment.Row.Sensor, segment.Row.End, segment.Row.Count));
            starts.Add((int)segment.Row.Start / 10);
        }
        return starts;
    }
}
