using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;
using SensorGrid.Core.Rules;

namespace SensorGrid.Programs;

/// <summary>
/// Reads the settings of a server: a file, over it the environment, over both the command line. A fault is a <see cref="CommandException"/> that names
/// setting, value, source and rule.
/// </summary>
/// <param name="all">Those that the server has.</param>
internal sealed class SettingsReader(IReadOnlyList<Setting> all)
{
    public const string FileName = "sensorgrid.json";

    public const string Prefix = "SENSORGRID_";

    private const string Environment = "the environment";
    private const string CommandLine = "the command line";

    // Names under the prefix that are no settings: where Postgres is, and what the tests need to know.
    private static readonly string[] Others = ["POSTGRES_BIN", "TEST_"];

    /// <param name="file">Null for the one in the data folder, where there is one.</param>
    /// <param name="given">Names and values from the command line.</param>
    public GivenSettings Read(string dataFolder, string? file, IReadOnlyList<KeyValuePair<string, string>> given)
    {
        var settings = new Dictionary<Setting, GivenSetting>();
        if (file is not null || File.Exists(Path.Combine(dataFolder, FileName)))
        {
            AddFile(settings, file ?? Path.Combine(dataFolder, FileName));
        }
        Add(settings, new EnvironmentVariablesConfigurationSource { Prefix = Prefix }, Prefix, Environment);
        // One after the other: of several with one name the last counts.
        foreach (var (name, value) in given)
        {
            Add(settings, new MemoryConfigurationSource { InitialData = [new(name, value)] }, "", CommandLine);
        }
        return new GivenSettings([.. settings.Values]);
    }

    private void AddFile(Dictionary<Setting, GivenSetting> settings, string file)
    {
        try
        {
            using var json = File.OpenRead(file);
            Add(settings, new JsonStreamConfigurationSource { Stream = json }, "", file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"the settings in {file} cannot be read: {fault.Message}");
        }
        catch (Exception fault) when (fault is FormatException or InvalidDataException or JsonException)
        {
            throw new CommandException($"the settings in {file} are no JSON object: {fault.GetBaseException().Message.ReplaceLineEndings(" ")}");
        }
    }

    private void Add(Dictionary<Setting, GivenSetting> settings, IConfigurationSource source, string prefix, string sourceName)
    {
        var root = new ConfigurationBuilder().Add(source).Build();
        var texts = root.AsEnumerable().Where(l => l.Value is not null && !(prefix.Length > 0 && IsOther(l.Key)))
            .OrderBy(l => l.Key, ConfigurationKeyComparer.Instance).GroupBy(l => NameOf(l.Key), l => l.Value, StringComparer.OrdinalIgnoreCase);
        foreach (var text in texts)
        {
            var setting = Find(text.Key, sourceName);
            settings[setting] = new GivenSetting(setting, string.Join(' ', text), sourceName);
        }
    }

    private Setting Find(string name, string source) =>
        all.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new CommandException($"{name} in {source}: {NearestName.Unknown("setting", name, all.Select(s => s.Name))}");

    private static bool IsOther(string key) => Array.Exists(Others, other => key.StartsWith(other, StringComparison.OrdinalIgnoreCase));

    // The items of a list are leaves of their own, numbered.
    private static string NameOf(string key)
    {
        var parts = key.Split(':');
        return string.Join('.', parts.Length > 1 && parts[^1].All(char.IsAsciiDigit) ? parts[..^1] : parts);
    }
}
