using SensorGrid.Historian.Migrations;

namespace SensorGrid.Historian.Tests.Migrations;

public sealed class MigrationGoldenTests
{
    /// <summary>
    /// Landed migrations never change: databases have run them. A change here means that they would refuse to start; put what is to be
    /// different into a new file with the next number, and its hash below.
    /// </summary>
    [Fact]
    public void LandedMigrationsStayAsTheyAre() => Assert.Equal(
        [
            "1 schema e3fe598248fcd2a6b65ddacbcfec517d47377bad54b17d8c9b756f585fd2de6d",
            "2 readings 682881c45aff956ba6508d82f207d45e4eea4d3c4cc55f350fa2ee1b7cbedd5d",
            "3 retention e2720f77d3f2c25652667593d2116f35ba2309bf87425172969d7f04a0dea1ab",
            "4 stale_windows 7b8daa1807becf5dddc26106939ca4caa9f39bbf48f6af2a34ae72b85651aef0",
            "5 late_counts 8d5d2b02a35e47cb1ffc99c199b706c598704f47e113a12d0c0826ef89c916a3",
            "6 late_spans 816a84ba8042b97468861f0296b181fefbb46867c17859c5ca44605367dc552e",
            "7 writer_turns 939accf2d9f29ee05a92571207e51548ec4fd6c37fdb0557f5a1102ed897c6d9",
            "8 snapshot_chunks 2e72fbac0acdb9f8aea136084708ced7f00010e1e76a428fb54f35bdde63ff68",
            "9 partition_turns d5798b37d42d5debfa1cdac393c92d3bbcdb79d3154a83cae61dd881c3f3891b",
            "10 orleans 7bf332b2f742ec5deb555103fab42e7499233d0382e461755a52417308275d79",
            "11 flag_alarms 5fc7ded2a685d8169dd0d0ab3c88acaee71e055f6b0f611e0cd61fcbb850d396",
        ],
        Migration.Embedded.Select(migration => $"{migration.Version} {migration.Name} {migration.Sha256}"));

    [Fact]
    public void HashesDoNotDependOnLineEnds() =>
        Assert.Equal(new Migration(1, "a", "x\ny\n").Sha256, new Migration(1, "a", "x\r\ny\r\n").Sha256);
}
