using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.Parameters;

/// <summary>The factory, machine and sensor in a request's path.</summary>
internal static class RequestPath
{
    /// <exception cref="RequestException">400: a part breaks <see cref="PathPart"/>'s rule.</exception>
    public static GridPath Of(HttpContext context) =>
        new(Part(context, "factory")!, Part(context, "machine"), Part(context, "sensor"));

    public static RequestException BadPart(string name) => RequestException.BadParameter(
        name, $"The {name} must have 1 to {PathPart.MaxLength} characters of A-Z a-z 0-9 . _ : -");

    /// <summary>Says which part of a path it is that the grid does not know.</summary>
    public static RequestException Unknown(IGrid grid, GridPath path)
    {
        if (path.Machine is null || !grid.Knows(new GridPath(path.Factory)))
        {
            return Unknown("factory", $"There is no factory '{path.Factory}'.");
        }
        return path.Sensor is null || !grid.Knows(new GridPath(path.Factory, path.Machine))
            ? Unknown("machine", $"There is no machine '{path.Machine}' in factory '{path.Factory}'.")
            : Unknown("sensor", $"There is no sensor '{path.Sensor}' on machine '{path.Factory}/{path.Machine}'.");
    }

    private static string? Part(HttpContext context, string name)
    {
        var value = (string?)context.Request.RouteValues[name];
        return value is null || PathPart.IsValid(value) ? value : throw BadPart(name);
    }

    private static RequestException Unknown(string part, string detail) => new(new Problem(404, detail) { Parameter = part });
}
