using SensorGrid.Historian.Server;

namespace SensorGrid.Historian.Tests.Server;

public sealed class DataFolderTests
{
    [Fact]
    public async Task Whoever_asks_for_the_holder_keeps_no_other_from_taking_the_folder()
    {
        var path = Directory.CreateTempSubdirectory("sensorgrid-folder-").FullName;
        using (DataFolder.Open(path, 1))
        {
            // Makes the lock's file.
        }
        using var stop = new CancellationTokenSource();
        using var running = new Barrier(3);
        var askers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            running.SignalAndWait();
            while (!stop.IsCancellationRequested)
            {
                DataFolder.RunningHolder(path);
            }
        })).ToArray();

        running.SignalAndWait();
        for (var i = 0; i < 300; i++)
        {
            using var folder = DataFolder.Open(path, 2);
            Assert.Equal($"pid {Environment.ProcessId} port 2", DataFolder.RunningHolder(path));
        }
        await stop.CancelAsync();
        await Task.WhenAll(askers);
        Assert.Null(DataFolder.RunningHolder(path));
        Directory.Delete(path, true);
    }
}
