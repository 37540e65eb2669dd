namespace SensorGrid.Grains;

/// <summary>The grid knows no factory, machine or sensor of this path.</summary>
[GenerateSerializer]
public sealed class UnknownPathException(string path) : Exception($"the grid knows no '{path}'")
{
    [Id(0)]
    public string Path { get; } = path;
}
