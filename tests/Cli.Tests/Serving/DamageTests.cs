using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using SensorGrid.Core.Readings;

namespace SensorGrid.Cli.Tests.Serving;

/// <summary>The real program on a database of which parts no longer decode.</summary>
public sealed class DamageTests
{
    private const int Seconds = 3000;

    private static readonly string[] Answers = ["", "/readings?limit=100000", "/stats?window=10s", "/stats?window=1d"];

    private readonly long _begin = (EventTime.FromDateTime(DateTimeOffset.UtcNow) / EventTime.Second * EventTime.Second) - (Seconds * EventTime.Second);

    [Fact]
    public async Task It_starts_and_starts_again_answers_and_says_what_is_damaged()
    {
        using var folder = new TempFolder();
        var data = folder.PathOf("data");
        await using (var up = await UpProgram.StartAsync(data))
        {
            using var answer = await up.WriteAsync(Lines());
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Equal(0, await up.StopAsync(UpProgram.SigTerm));
        }
        Dictionary<string, string> before;
        int chunks;
        await using (var up = await UpProgram.StartAsync(data))
        {
            before = await AnswersAsync(up, "whole");
            chunks = await ExecuteAsync(data, "update snapshot set state = set_byte(state, length(state) - 3, get_byte(state, length(state) - 3) # 16)");
            Assert.Equal(1, await ExecuteAsync(data, """
                update segment set data = set_byte(data, 20, get_byte(data, 20) # 1)
                where ctid = (select g.ctid from segment g join sensor s on s.id = g.sensor where s.sensor = 'torn' order by start_time limit 1)
                """));
            await up.StopAsync(UpProgram.SigKill);
        }

        for (var kills = 0; kills < 2; kills++)
        {
            await using var up = await UpProgram.StartAsync(data);

            Assert.Equal(before, await AnswersAsync(up, "whole"));
            Assert.Equal(3 * Seconds, (await up.GetJsonAsync("api/factories/f")).GetProperty("counters").GetProperty("readings").GetInt32());
            for (var i = 0; i < 2; i++)
            {
                using var refused = await up.GetAsync("api/factories/f/machines/m/sensors/torn/readings?limit=100000");
                Assert.Equal(HttpStatusCode.InternalServerError, refused.StatusCode);
                Assert.Equal("application/problem+json", refused.Content.Headers.ContentType!.MediaType);
                var detail = JsonSerializer.Deserialize<JsonElement>(await refused.Content.ReadAsStringAsync()).GetProperty("detail").GetString();
                Assert.StartsWith($"The history of f/m/torn from {EventTime.Format(_begin)} to ", detail, StringComparison.Ordinal);
            }
            // Its newest reading is live.
            Assert.Equal(Seconds - 1, (await up.GetJsonAsync("api/factories/f/machines/m/sensors/torn")).GetProperty("last").GetProperty("value").GetInt32());
            var metrics = (await up.GetTextAsync("metrics")).Split('\n');
            Assert.Contains($"sensorgrid_damaged_snapshots_total {chunks}", metrics);
            Assert.Contains("sensorgrid_damaged_segments_total 1", metrics);
            Assert.Equal(chunks, up.Output.Split('\n').Count(l => l.Contains(" of the snapshot of partition ", StringComparison.Ordinal)));
            Assert.Single(up.Output.Split('\n'), l => l.Contains("A segment of f/m/torn is damaged", StringComparison.Ordinal));
            Assert.DoesNotContain("are lost", up.Output, StringComparison.Ordinal);
            await up.StopAsync(UpProgram.SigKill);
        }
    }

    // Three sensors of two machines.
    private string Lines()
    {
        var body = new StringBuilder();
        for (var i = 0; i < Seconds; i++)
        {
            var time = (_begin + (i * EventTime.Second)) * 1000;
            body.Append(CultureInfo.InvariantCulture, $"x,factory=f,machine=m whole={20 + (i % 17)},torn={i} {time}\nx,factory=f,machine=n other={i % 5} {time}\n");
        }
        return body.ToString();
    }

    private static async Task<Dictionary<string, string>> AnswersAsync(UpProgram up, string sensor)
    {
        var answers = new Dictionary<string, string>();
        foreach (var path in Answers)
        {
            answers[path] = await up.GetTextAsync($"api/factories/f/machines/m/sensors/{sensor}{path}");
        }
        return answers;
    }

    private static async Task<int> ExecuteAsync(string data, string sql)
    {
        await using var connection = new NpgsqlConnection(SqlReadings.ConnectionString(data));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync();
    }
}
