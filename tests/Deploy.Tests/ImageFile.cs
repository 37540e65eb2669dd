using System.Text.Json;
using System.Text.RegularExpressions;

namespace SensorGrid.Deploy.Tests;

/// <summary>What the Dockerfile says.</summary>
internal static partial class ImageFile
{
    public static readonly string Text = Repository.Read("Dockerfile");

    /// <summary>The words of the command that publishes the program.</summary>
    public static IReadOnlyList<string> Publish => Only(PublishLine()).Split(' ');

    /// <summary>The project that is published.</summary>
    public static string Project => Publish[2];

    /// <summary>Where to.</summary>
    public static string Output => Publish[Publish.IndexOf("-o") + 1];

    /// <summary>The words of the command that the image runs.</summary>
    public static IReadOnlyList<string> EntryPoint => JsonSerializer.Deserialize<string[]>(Only(EntryPointLine()))!;

    public static IReadOnlyDictionary<string, string> Environment => Only(EnvironmentLine()).Split(' ').Select(pair => pair.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    private static string Only(Regex line) => Assert.Single(line.Matches(Text)).Groups[1].Value;

    private static int IndexOf(this IReadOnlyList<string> words, string word) => words.ToList().IndexOf(word);

    [GeneratedRegex(@"^RUN (dotnet publish .+)$", RegexOptions.Multiline)]
    private static partial Regex PublishLine();

    [GeneratedRegex(@"^ENTRYPOINT (\[.+\])$", RegexOptions.Multiline)]
    private static partial Regex EntryPointLine();

    [GeneratedRegex(@"^ENV (.+)$", RegexOptions.Multiline)]
    private static partial Regex EnvironmentLine();
}
