using System.Diagnostics;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace SensorGrid.Deploy.Tests;

/// <summary>What <c>kubectl kustomize</c> makes of a folder.</summary>
internal sealed class Manifests
{
    private readonly IReadOnlyList<YamlNode> _all;

    private Manifests(IReadOnlyList<YamlNode> all) => _all = all;

    public IEnumerable<string> Kinds => _all.Select(o => Text(o, "kind"));

    public YamlNode Silos => The("Deployment");

    public YamlNode Pod => At(Silos, "spec.template.spec");

    public YamlNode Silo => Named(At(Pod, "containers"), "silo");

    public YamlNode Proxy => Named(At(Pod, "initContainers"), "proxy");

    /// <param name="folder">Within the repository.</param>
    public static async Task<Manifests> BuildAsync(string folder)
    {
        var start = new ProcessStartInfo("kubectl", ["kustomize", Repository.PathOf(folder)]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var kubectl = Process.Start(start)!;
        var errors = kubectl.StandardError.ReadToEndAsync();
        var output = await kubectl.StandardOutput.ReadToEndAsync();
        await kubectl.WaitForExitAsync();
        Assert.True(kubectl.ExitCode == 0, await errors);
        var yaml = new YamlStream();
        yaml.Load(new StringReader(output));
        return new Manifests([.. yaml.Documents.Select(d => d.RootNode)]);
    }

    /// <summary>The only one of its kind.</summary>
    public YamlNode The(string kind) => Assert.Single(_all, o => Text(o, "kind") == kind);

    public YamlNode The(string kind, string name) => Assert.Single(_all, o => Text(o, "kind") == kind && Text(o, "metadata.name") == name);

    /// <param name="path">Keys with dots between them; a number is an item's.</param>
    public static YamlNode At(YamlNode node, string path)
    {
        foreach (var part in path.Split('.'))
        {
            var next = Next(node, part);
            Assert.True(next is not null, $"no {part} of {path}");
            node = next;
        }
        return node;
    }

    public static string Text(YamlNode node, string path) => ((YamlScalarNode)At(node, path)).Value!;

    public static int Number(YamlNode node, string path) => int.Parse(Text(node, path), CultureInfo.InvariantCulture);

    public static bool Has(YamlNode node, string key) => Next(node, key) is not null;

    public static IEnumerable<YamlNode> Items(YamlNode node, string path) => (YamlSequenceNode)At(node, path);

    public static Dictionary<string, string> Texts(YamlNode node, string path) =>
        ((YamlMappingNode)At(node, path)).ToDictionary(e => ((YamlScalarNode)e.Key).Value!, e => ((YamlScalarNode)e.Value).Value!);

    public static YamlNode Named(YamlNode list, string name) => Assert.Single((YamlSequenceNode)list, i => Text(i, "name") == name);

    private static YamlNode? Next(YamlNode node, string key) => node switch
    {
        YamlMappingNode map => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null,
        YamlSequenceNode list => int.TryParse(key, CultureInfo.InvariantCulture, out var at) && at < list.Children.Count ? list[at] : null,
        _ => null,
    };
}
