using System.Text;

namespace SensorGrid.Cli.Tests;

/// <summary>What a test server was asked.</summary>
internal sealed record Request(string Method, string Path, IReadOnlyDictionary<string, string> Query, string? ContentType, string? Accept, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);
}
