namespace SensorGrid.Historian.Tests.Postgres;

/// <summary>The collection of all tests that share the one server.</summary>
[CollectionDefinition(Name)]
public sealed class PostgresTests : ICollectionFixture<PostgresFixture>
{
    public const string Name = "Postgres";
}
