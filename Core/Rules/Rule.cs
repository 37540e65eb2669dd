using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Rules;

/// <param name="Kind">A pattern of one part, as in a path.</param>
internal sealed record Rule(PathPattern Path, string Kind, IReadOnlyList<DetectorChange> Changes)
{
    public bool Matches(string factory, string machine, string sensor, string kind) =>
        PathPattern.PartMatches(Kind, kind) && Path.Matches(factory, machine, sensor);
}
