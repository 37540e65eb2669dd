using SensorGrid.Cli.Doctor;

namespace SensorGrid.Cli.Tests.Doctor;

public sealed class MachineTests
{
    [Theory]
    [InlineData("8.0.100 10.0.401", Health.Ok, "10.0.401")]
    [InlineData("10.0.100-rc.2.25502.107", Health.Ok, "10.0.100")]
    [InlineData("8.0.100 9.0.300", Health.Fail, "9.0.300")]
    [InlineData("", Health.Fail, "missing")]
    public void The_sdk_must_be_of_version_10(string installed, Health health, string seen)
    {
        var finding = Machine.Sdk(installed.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal((health, seen), (finding.Health, finding.Seen));
        Assert.Equal(health != Health.Ok, finding.Advice.Length > 0);
    }

    [Theory]
    [InlineData(255, Health.Fail)]
    [InlineData(256, Health.Warn)]
    [InlineData(1023, Health.Warn)]
    [InlineData(1024, Health.Ok)]
    public void Little_memory_is_told(int mebibytes, Health health) => Assert.Equal(health, Machine.Memory(mebibytes * 1024L * 1024).Health);

    [Theory]
    [InlineData(0.5, Health.Fail, "0.5 GiB free")]
    [InlineData(9.9, Health.Warn, "9.9 GiB free")]
    [InlineData(10.0, Health.Ok, "10.0 GiB free")]
    public void Little_disk_is_told(double gibibytes, Health health, string seen)
    {
        var finding = DataFolderHealth.Disk((long)(gibibytes * (1L << 30)));
        Assert.Equal((health, seen), (finding.Health, finding.Seen));
    }

    [Theory]
    [InlineData("Max open files            1024                 4096                 files", 4096, Health.Ok)]
    [InlineData("Max open files            1024                 1024                 files", 1024, Health.Warn)]
    [InlineData("Max open files            1024                 unlimited            files", long.MaxValue, Health.Ok)]
    public void The_hard_limit_of_open_files_counts(string line, long limit, Health health)
    {
        Assert.Equal(limit, Machine.OpenFileLimit(["Limit                     Soft Limit           Hard Limit           Units", line]));
        Assert.Equal(health, Machine.OpenFiles(limit).Health);
    }

    [Theory]
    [InlineData(8080, "socket:[20437]")]
    [InlineData(8081, null)]
    public void The_socket_of_a_port_is_found_among_those_that_listen(int port, string? socket)
    {
        const string listens = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 20437 1 0 100 0 0 10 0";
        const string isConnected = "   1: 0100007F:1F91 0100007F:A000 01 00000000:00000000 00:00000000 00000000   101        0 20438 1 0 100 0 0 10 0";
        Assert.Equal(socket, PortOwner.SocketOf(listens, port) ?? PortOwner.SocketOf(isConnected, port));
    }
}
