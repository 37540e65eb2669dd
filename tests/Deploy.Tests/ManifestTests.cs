using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Npgsql;
using SensorGrid.Core.Rules;
using SensorGrid.Engine.Partitions;
using SensorGrid.Gateway.Tests;
using SensorGrid.Programs;
using SensorGrid.Silo;
using YamlDotNet.RepresentationModel;
using static SensorGrid.Deploy.Tests.Manifests;

namespace SensorGrid.Deploy.Tests;

/// <summary>The manifests against the program that they run.</summary>
public sealed partial class ManifestTests
{
    private static readonly string[] Probes = ["startupProbe", "readinessProbe", "livenessProbe"];

    private const string Lag = "sensorgrid_log_lag_seconds";
    private const string InFlight = "sensorgrid_writes_in_flight_bytes";

    // What the cluster fills in.
    private const string PodAddress = "10.0.0.7";
    private const string ConnectionString = "Host=db;Username=grid;Database=grid";

    public static TheoryData<string> Folders() => [.. Directory.GetDirectories(Repository.PathOf("k8s", "overlays")).Prepend(Repository.PathOf("k8s", "base"))
        .Select(folder => Path.GetRelativePath(Repository.PathOf(), folder)).Order(StringComparer.Ordinal)];

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task The_silo_takes_its_settings(string folder)
    {
        var manifests = await BuildAsync(folder);
        var settings = SettingsOf(manifests.Silo);

        Assert.Equal(ConnectionString, settings.Silo.Postgres);
        Assert.Equal(PodAddress, settings.Silo.AdvertiseAddress);
        Assert.Equal(settings.Silo.SiloPort, Number(manifests.Silo, "ports.0.containerPort"));
        Assert.Equal(0, settings.Silo.GatewayPort);
        var rules = Named(At(manifests.Pod, "volumes"), "rules");
        Assert.Equal(Text(manifests.The("ConfigMap", "sensorgrid-rules"), "metadata.name"), Text(rules, "configMap.name"));
        Assert.Contains(
            Texts(manifests.The("ConfigMap", "sensorgrid-rules"), "data"),
            file => settings.Silo.Rules == $"{Text(Named(At(manifests.Silo, "volumeMounts"), "rules"), "mountPath")}/{file.Key}");
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task The_rules_are_rules(string folder)
    {
        var manifests = await BuildAsync(folder);
        Assert.All(
            Texts(manifests.The("ConfigMap", "sensorgrid-rules"), "data").Values,
            text => RuleSet.Parse(Encoding.UTF8.GetBytes(text)));
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task Probes_ask_what_the_gateway_answers(string folder)
    {
        var manifests = await BuildAsync(folder);
        await using var gateway = await TestGateway.StartAsync();
        foreach (var probe in Probes)
        {
            Assert.Equal(Number(manifests.Proxy, "ports.0.containerPort"), Number(manifests.Silo, $"{probe}.httpGet.port"));
            var (status, _) = await gateway.GetAsync(Text(manifests.Silo, $"{probe}.httpGet.path"));
            Assert.Equal(HttpStatusCode.OK, status);
        }
        Assert.Equal("/health/ready", Text(manifests.Silo, "readinessProbe.httpGet.path"));
        // A grid that is not ready must not be ended: it waits for Postgres or for the other silos.
        gateway.Grid.Info = gateway.Grid.Info with { IsReady = false, NotReady = "Postgres is away" };
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await gateway.GetAsync("/health/ready")).Status);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync(Text(manifests.Silo, "livenessProbe.httpGet.path"))).Status);
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task The_proxy_stands_before_the_gateway(string folder)
    {
        var manifests = await BuildAsync(folder);
        var gateway = SettingsOf(manifests.Silo).Gateway;
        var mount = Named(At(manifests.Proxy, "volumeMounts"), "proxy");
        var configuration = Texts(manifests.The("ConfigMap", Text(Named(At(manifests.Pod, "volumes"), "proxy"), "configMap.name")), "data")[Text(mount, "subPath")];

        Assert.Equal($"{gateway.Bind}:{gateway.Port}", ServerLine().Match(configuration).Groups[1].Value);
        Assert.Equal(Text(manifests.Proxy, "ports.0.containerPort"), ListenLine().Match(configuration).Groups[1].Value);
        Assert.Equal(gateway.MaxBodyBytes >> 20, int.Parse(BodyLine().Match(configuration).Groups[1].Value, CultureInfo.InvariantCulture));
        Assert.Equal($"{gateway.MaxBodyBytes >> 20}m", Texts(manifests.The("Ingress"), "metadata.annotations")["nginx.ingress.kubernetes.io/proxy-body-size"]);
        // Nobody passes without a password but to the paths of the probes.
        var open = OpenLocation().Matches(configuration).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(Probes.Select(p => Text(manifests.Silo, $"{p}.httpGet.path")).Distinct().Order(StringComparer.Ordinal), open);
        Assert.Equal(open.Length, AuthOff().Count(configuration));
        Assert.Contains($"auth_basic_user_file {Text(Named(At(manifests.Proxy, "volumeMounts"), "users"), "mountPath")}/htpasswd;", configuration, StringComparison.Ordinal);
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task A_stop_has_the_time_it_may_take(string folder)
    {
        var manifests = await BuildAsync(folder);
        var needed = TimeSpan.FromSeconds(Number(manifests.Silo, "lifecycle.preStop.sleep.seconds")) + SettingsOf(manifests.Silo).Silo.StopPatience;
        Assert.True(TimeSpan.FromSeconds(Number(manifests.Pod, "terminationGracePeriodSeconds")) > needed, $"a stop may take {needed}");
        // A container beside the silo that ended before it would cut the answers.
        Assert.Equal("Always", Text(manifests.Proxy, "restartPolicy"));
        Assert.DoesNotContain((YamlSequenceNode)At(manifests.Pod, "containers"), c => Text(c, "name") != "silo");
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task Selectors_and_references_find_what_they_mean(string folder)
    {
        var manifests = await BuildAsync(folder);
        var labels = Texts(manifests.Silos, "spec.template.metadata.labels");
        Assert.Equal(labels, Texts(manifests.Silos, "spec.selector.matchLabels"));
        Assert.Equal(labels, Texts(manifests.The("Service"), "spec.selector"));
        Assert.Equal(labels, Texts(manifests.The("PodDisruptionBudget"), "spec.selector.matchLabels"));
        Assert.Equal(labels, Texts(manifests.The("NetworkPolicy"), "spec.podSelector.matchLabels"));
        Assert.All(Items(manifests.Pod, "topologySpreadConstraints"), c => Assert.Equal(labels, Texts(c, "labelSelector.matchLabels")));

        Assert.Equal(Number(manifests.Proxy, "ports.0.containerPort"), Number(manifests.The("Service"), "spec.ports.0.targetPort"));
        var backend = At(manifests.The("Ingress"), "spec.rules.0.http.paths.0.backend.service");
        Assert.Equal(Text(manifests.The("Service"), "metadata.name"), Text(backend, "name"));
        Assert.Equal(Text(manifests.The("Service"), "spec.ports.0.name"), Text(backend, "port.name"));
        Assert.Equal(Text(manifests.The("Ingress"), "spec.rules.0.host"), Text(manifests.The("Ingress"), "spec.tls.0.hosts.0"));
        Assert.Equal(Text(manifests.The("ServiceAccount"), "metadata.name"), Text(manifests.Pod, "serviceAccountName"));
        var volumes = Items(manifests.Pod, "volumes").Select(v => Text(v, "name")).Order(StringComparer.Ordinal);
        var mounts = new[] { manifests.Silo, manifests.Proxy }.SelectMany(c => Items(c, "volumeMounts")).Select(m => Text(m, "name")).Order(StringComparer.Ordinal);
        Assert.Equal(volumes, mounts);
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task Ports_are_open_to_those_who_need_them(string folder)
    {
        var manifests = await BuildAsync(folder);
        var policy = manifests.The("NetworkPolicy");
        var labels = Texts(manifests.Silos, "spec.template.metadata.labels");
        var siloPort = SettingsOf(manifests.Silo).Silo.SiloPort;

        Assert.Equal(["Egress", "Ingress"], Items(policy, "spec.policyTypes").Select(t => ((YamlScalarNode)t).Value).Order(StringComparer.Ordinal));
        var incoming = Items(policy, "spec.ingress").ToDictionary(r => Number(r, "ports.0.port"));
        Assert.Equal([Number(manifests.Proxy, "ports.0.containerPort"), siloPort], incoming.Keys);
        Assert.Equal(labels, Texts(Assert.Single(Items(incoming[siloPort], "from")), "podSelector.matchLabels"));
        Assert.All(Items(incoming[Number(manifests.Proxy, "ports.0.containerPort")], "from"), f => Assert.NotEmpty(Texts(f, "namespaceSelector.matchLabels")));
        var outgoing = Items(policy, "spec.egress").ToDictionary(r => Number(r, "ports.0.port"));
        Assert.Equal([siloPort, new NpgsqlConnectionStringBuilder().Port, 53], outgoing.Keys);
        Assert.Equal(labels, Texts(Assert.Single(Items(outgoing[siloPort], "to")), "podSelector.matchLabels"));
        Assert.All(outgoing.Values, r => Assert.NotEmpty(Items(r, "to")));
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task It_scales_by_metrics_that_there_are(string folder)
    {
        var manifests = await BuildAsync(folder);
        var scaler = manifests.The("HorizontalPodAutoscaler");
        Assert.Equal(Text(manifests.Silos, "kind"), Text(scaler, "spec.scaleTargetRef.kind"));
        Assert.Equal(Text(manifests.Silos, "metadata.name"), Text(scaler, "spec.scaleTargetRef.name"));
        // The scaler has the number of silos.
        Assert.False(Has(At(manifests.Silos, "spec"), "replicas"));
        var settings = SettingsOf(manifests.Silo);
        Assert.InRange(Number(scaler, "spec.minReplicas"), 2, Number(scaler, "spec.maxReplicas"));
        Assert.InRange(Number(scaler, "spec.maxReplicas"), 2, settings.Grid.Partitions);
        var limits = Items(scaler, "spec.metrics").Where(m => Text(m, "type") == "Pods").ToDictionary(m => Text(m, "pods.metric.name"), m => Text(m, "pods.target.averageValue"));
        Assert.Equal([Lag, InFlight], limits.Keys);
        var exported = await ExportedMetrics.ReadAsync();
        Assert.All(limits.Keys, metric => Assert.Equal("gauge", exported[metric]));
        Assert.True(ByteSize.TryParse(limits[InFlight] + "B", out var bytes) && bytes < settings.Grid.InFlightBytes, limits[InFlight]);
        // A partition that only rests is not behind.
        Assert.True(int.Parse(limits[Lag], CultureInfo.InvariantCulture) > 2 * BatchPace.LongestRest.TotalSeconds, limits[Lag]);
        // The adapter has to be told of each.
        Assert.All(limits.Keys, metric => Assert.Contains($"seriesQuery: '{metric}{{", Repository.Read("docs", "operations.md"), StringComparison.Ordinal));
        var cpu = Assert.Single(Items(scaler, "spec.metrics"), m => Text(m, "type") == "Resource");
        Assert.NotEmpty(Text(manifests.Silo, $"resources.requests.{Text(cpu, "resource.name")}"));
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task No_container_may_do_more_than_it_must(string folder)
    {
        var manifests = await BuildAsync(folder);
        Assert.Equal("RuntimeDefault", Text(manifests.Pod, "securityContext.seccompProfile.type"));
        Assert.Equal("false", Text(manifests.Pod, "automountServiceAccountToken"));
        Assert.Equal("false", Text(manifests.The("ServiceAccount"), "automountServiceAccountToken"));
        foreach (var container in new[] { manifests.Silo, manifests.Proxy })
        {
            var security = At(container, "securityContext");
            Assert.Equal("true", Text(security, "runAsNonRoot"));
            Assert.NotEqual(0, Number(security, "runAsUser"));
            Assert.Equal("true", Text(security, "readOnlyRootFilesystem"));
            Assert.Equal("false", Text(security, "allowPrivilegeEscalation"));
            Assert.Equal("ALL", Text(security, "capabilities.drop.0"));
            Assert.NotEmpty(Text(container, "resources.limits.memory"));
            Assert.NotEmpty(Text(container, "resources.requests.cpu"));
        }
    }

    [KubectlTheory]
    [MemberData(nameof(Folders))]
    public async Task Secrets_are_named_and_not_there(string folder)
    {
        var manifests = await BuildAsync(folder);
        Assert.DoesNotContain("Secret", manifests.Kinds);
        var key = At(Named(At(manifests.Silo, "env"), SettingsReader.Prefix + nameof(SiloOptions.Postgres)), "valueFrom.secretKeyRef");
        var users = Text(Named(At(manifests.Pod, "volumes"), "users"), "secret.secretName");
        var told = Repository.Read("docs", "operations.md");
        Assert.Contains($"create secret generic {Text(key, "name")} --from-file={Text(key, "key")}=", told, StringComparison.Ordinal);
        Assert.Contains($"create secret generic {users} --from-file=htpasswd", told, StringComparison.Ordinal);
        Assert.Contains($"create secret tls {Text(manifests.The("Ingress"), "spec.tls.0.secretName")} ", told, StringComparison.Ordinal);
    }

    private static SiloSettings SettingsOf(YamlNode silo)
    {
        var given = Items(silo, "env").Select(variable =>
        {
            var name = Text(variable, "name");
            Assert.StartsWith(SettingsReader.Prefix, name, StringComparison.Ordinal);
            return KeyValuePair.Create(name[SettingsReader.Prefix.Length..].Replace("__", ".", StringComparison.Ordinal), ValueOf(variable));
        }).ToArray();
        Assert.All(given, g => Assert.Contains(g.Key, SiloSettings.All.Select(s => s.Name)));
        return SiloSettings.Read(Path.GetTempPath(), null, given);
    }

    private static string ValueOf(YamlNode variable)
    {
        if (Has(variable, "value"))
        {
            return Text(variable, "value");
        }
        if (Has(At(variable, "valueFrom"), "secretKeyRef"))
        {
            return ConnectionString;
        }
        Assert.Equal("status.podIP", Text(variable, "valueFrom.fieldRef.fieldPath"));
        return PodAddress;
    }

    [GeneratedRegex(@"^\s*server ([0-9.:]+);", RegexOptions.Multiline)]
    private static partial Regex ServerLine();

    [GeneratedRegex(@"^\s*listen (\d+);", RegexOptions.Multiline)]
    private static partial Regex ListenLine();

    [GeneratedRegex(@"^\s*client_max_body_size (\d+)m;", RegexOptions.Multiline)]
    private static partial Regex BodyLine();

    [GeneratedRegex(@"location = (\S+) \{\s*auth_basic off;")]
    private static partial Regex OpenLocation();

    [GeneratedRegex("auth_basic off;")]
    private static partial Regex AuthOff();
}
