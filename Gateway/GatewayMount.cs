using Microsoft.AspNetCore.Http;

namespace SensorGrid.Gateway;

/// <summary>Something of the Gateway's owner that is served on the Gateway's port.</summary>
/// <param name="Path">Its beginning, such as <c>/dashboard</c>; requests keep it in their path.</param>
/// <param name="Serve">Answers every request under the path. A status of 400 and above without a body becomes a problem.</param>
public sealed record GatewayMount(string Path, RequestDelegate Serve);
