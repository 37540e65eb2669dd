using Microsoft.Extensions.Logging;

namespace SensorGrid.Gateway;

internal sealed partial class GatewayPipeline
{
    [LoggerMessage(1, LogLevel.Error, "{Method} {Path} failed ({RequestId})")]
    private partial void LogFailed(Exception exception, string method, string path, string requestId);

    [LoggerMessage(2, LogLevel.Warning, "An answer was broken off in the middle ({RequestId}): {Reason}")]
    private partial void LogBrokenOff(string requestId, string reason);

    [LoggerMessage(3, LogLevel.Debug, "A client left before its answer was complete ({RequestId})")]
    private partial void LogClientLeft(string requestId);
}
