using System.Diagnostics;
using Xunit.Abstractions;

namespace SensorGrid.Faults.Tests;

/// <summary>The server and its Postgres under random faults while readings of all sorts come in: every answer equals the model's.</summary>
public sealed class RandomFaultTests(ITestOutputHelper output)
{
    private static readonly FaultKind[] NeedSmallDisk = [FaultKind.FullDisk, FaultKind.KillServerOfFullDisk];

    private readonly Lock _lock = new();

    [Fact]
    public async Task Every_answer_equals_the_model()
    {
        var settings = FaultSettings.FromEnvironment();
        var folder = Directory.CreateTempSubdirectory("sensorgrid-faults-").FullName;
        var data = Path.Combine(folder, "data");
        var kinds = Enum.GetValues<FaultKind>();
        if (SmallDisk.Missing is { } missing)
        {
            kinds = [.. kinds.Except(NeedSmallDisk)];
            Tell(settings, $"without {string.Join(" and ", NeedSmallDisk)}: {missing}");
        }
        Tell(settings, $"seed {settings.Seed}, {settings.Length.TotalMinutes} minutes, data in {data}");
        var disk = SmallDisk.Missing is null ? SmallDisk.Mount(data) : null;
        IReadOnlyList<string> wrong = [];
        string result;
        string log;
        await using (var server = await FaultyServer.StartAsync(data, disk))
        {
            using var run = new FaultRun(settings, server, kinds, line => Tell(settings, line));
            try
            {
                wrong = await run.RunAsync();
            }
            catch (Exception fault)
            {
                wrong = [fault.ToString()];
            }
            disk?.Free();
            log = server.Output;
            result = run.Describe();
        }
        var kept = Keep(folder, disk, log, wrong);
        Tell(settings, result);
        Tell(settings, wrong.Count == 0
            ? "result: every answer equals the model's"
            : $"result: WRONG\n{string.Join('\n', wrong.Take(20))}\nrepeat it: ./sensorgrid test --faults --minutes {settings.Length.TotalMinutes} --seed {settings.Seed}\nkept in {kept}");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    // The data folder and what the server printed, where something is wrong; else nothing.
    private static string Keep(string folder, SmallDisk? disk, string log, IReadOnlyList<string> wrong)
    {
        if (wrong.Count > 0)
        {
            File.WriteAllText(Path.Combine(folder, "server.log"), log);
            File.WriteAllLines(Path.Combine(folder, "wrong.txt"), wrong);
            if (disk is not null)
            {
                using var copy = Process.Start("cp", ["-a", disk.Folder, Path.Combine(folder, "kept")]);
                copy.WaitForExit();
            }
        }
        disk?.Dispose();
        if (wrong.Count == 0)
        {
            Directory.Delete(folder, recursive: true);
        }
        return folder;
    }

    private void Tell(FaultSettings settings, string text)
    {
        lock (_lock)
        {
            output.WriteLine(text);
            if (settings.Report is { } report)
            {
                File.AppendAllText(report, text + "\n");
            }
        }
    }
}
