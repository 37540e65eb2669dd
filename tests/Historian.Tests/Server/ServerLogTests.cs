using SensorGrid.Historian.Server;

namespace SensorGrid.Historian.Tests.Server;

public sealed class ServerLogTests
{
    [Fact]
    public void The_files_stay_bounded()
    {
        using var data = new DataDirectory();
        Directory.CreateDirectory(data.Path);
        var path = data.File("postgres.log");
        using (var log = new ServerLog(path, maxBytes: 1000))
        {
            for (var i = 0; i < 1000; i++)
            {
                log.Add($"line {i} äöü");
            }
        }

        Assert.InRange(new FileInfo(path).Length, 1, 1100);
        Assert.InRange(new FileInfo(path + ".1").Length, 1000, 1100);
        Assert.Equal("line 999 äöü", File.ReadLines(path).Last());
        Assert.Equal(2, Directory.GetFiles(data.Path).Length);
    }

    [Fact]
    public void The_gravest_line_is_the_complaint()
    {
        using var data = new DataDirectory();
        Directory.CreateDirectory(data.Path);
        using var log = new ServerLog(data.File("postgres.log"));
        Assert.Null(log.Complaint);
        log.Add("2026-11-21 [1] FATAL:  lock file exists");
        log.Add("2026-11-21 [1] LOG:  database system is shut down");
        Assert.Equal("lock file exists", log.Complaint);
    }

    [Fact]
    public void A_file_that_cannot_be_written_costs_no_more_than_itself()
    {
        using var data = new DataDirectory();
        using var log = new ServerLog(data.File("missing/postgres.log"));
        log.Add("FATAL:  kept in memory");
        Assert.Equal("kept in memory", log.Complaint);
    }

    [Fact]
    public void A_line_after_the_end_makes_no_file()
    {
        using var data = new DataDirectory();
        Directory.CreateDirectory(data.Path);
        using var log = new ServerLog(data.File("postgres.log"));
        log.Dispose();
        log.Add("FATAL:  late");
        Assert.Equal("late", log.Complaint);
        Assert.Empty(Directory.GetFiles(data.Path));
    }
}
