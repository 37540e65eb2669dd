using SensorGrid.Historian.Server;

namespace SensorGrid.Historian.Tests.Server;

public sealed class PostgresBinariesTests
{
    private static readonly PostgresBinaries[] Installed = [new("/13", 13), new("/15", 15), new("/17", 17), new("/16", 16)];

    [Theory]
    [InlineData("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)", 15)]
    [InlineData("postgres (PostgreSQL) 18beta2", 18)]
    [InlineData("postgres (PostgreSQL) 14.0", 14)]
    public void The_major_version_is_read(string answer, int version)
    {
        Assert.True(PostgresBinaries.TryParseVersion(answer, out var read));
        Assert.Equal(version, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("postgres (PostgreSQL)")]
    [InlineData("not a version")]
    public void Another_answer_is_no_version(string answer) => Assert.False(PostgresBinaries.TryParseVersion(answer, out _));

    [Fact]
    public void The_newest_makes_a_cluster_and_its_maker_runs_it()
    {
        Assert.Equal("/17", PostgresBinaries.Pick(Installed, null).Folder);
        Assert.Equal("/15", PostgresBinaries.Pick(Installed, 15).Folder);
    }

    [Fact]
    public void What_is_missing_is_said_with_the_command_that_installs_it()
    {
        var none = Assert.Throws<PrivatePostgresException>(() => PostgresBinaries.Pick([new("/13", 13)], null));
        Assert.Equal("PostgreSQL 14 or newer is missing; install PostgreSQL: apt-get install postgresql", none.Message);
        var other = Assert.Throws<PrivatePostgresException>(() => PostgresBinaries.Pick(Installed, 14));
        Assert.EndsWith("apt-get install postgresql-14", other.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256, 24L << 30, 256)]
    [InlineData(256, 1L << 30, 128)]
    [InlineData(256, 64L << 20, 16)]
    public void Shared_buffers_take_an_eighth_of_the_memory_at_most(int wanted, long memory, int taken) =>
        Assert.Equal(taken, PostgresSettings.SharedBuffersMiB(wanted, memory));
}
