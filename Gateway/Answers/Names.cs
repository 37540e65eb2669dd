using System.Text.Json;

namespace SensorGrid.Gateway.Answers;

/// <summary>The names in the answers. Frozen: who renames one breaks every client.</summary>
internal static class Names
{
    public static readonly JsonEncodedText Acknowledged = JsonEncodedText.Encode("acknowledged");
    public static readonly JsonEncodedText Backfilled = JsonEncodedText.Encode("backfilled");
    public static readonly JsonEncodedText Closed = JsonEncodedText.Encode("closed");
    public static readonly JsonEncodedText Corrections = JsonEncodedText.Encode("corrections");
    public static readonly JsonEncodedText Count = JsonEncodedText.Encode("count");
    public static readonly JsonEncodedText Counters = JsonEncodedText.Encode("counters");
    public static readonly JsonEncodedText Detector = JsonEncodedText.Encode("detector");
    public static readonly JsonEncodedText Duplicates = JsonEncodedText.Encode("duplicates");
    public static readonly JsonEncodedText Factories = JsonEncodedText.Encode("factories");
    public static readonly JsonEncodedText First = JsonEncodedText.Encode("first");
    public static readonly JsonEncodedText Flags = JsonEncodedText.Encode("flags");
    public static readonly JsonEncodedText From = JsonEncodedText.Encode("from");
    public static readonly JsonEncodedText GoodCount = JsonEncodedText.Encode("goodCount");
    public static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    public static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    public static readonly JsonEncodedText Kinds = JsonEncodedText.Encode("kinds");
    public static readonly JsonEncodedText Last = JsonEncodedText.Encode("last");
    public static readonly JsonEncodedText LastTime = JsonEncodedText.Encode("lastTime");
    public static readonly JsonEncodedText Late = JsonEncodedText.Encode("late");
    public static readonly JsonEncodedText Line = JsonEncodedText.Encode("line");
    public static readonly JsonEncodedText Machines = JsonEncodedText.Encode("machines");
    public static readonly JsonEncodedText Max = JsonEncodedText.Encode("max");
    public static readonly JsonEncodedText Mean = JsonEncodedText.Encode("mean");
    public static readonly JsonEncodedText Min = JsonEncodedText.Encode("min");
    public static readonly JsonEncodedText Name = JsonEncodedText.Encode("name");
    public static readonly JsonEncodedText OpenFlags = JsonEncodedText.Encode("openFlags");
    public static readonly JsonEncodedText P50 = JsonEncodedText.Encode("p50");
    public static readonly JsonEncodedText P95 = JsonEncodedText.Encode("p95");
    public static readonly JsonEncodedText P99 = JsonEncodedText.Encode("p99");
    public static readonly JsonEncodedText Path = JsonEncodedText.Encode("path");
    public static readonly JsonEncodedText Quality = JsonEncodedText.Encode("quality");
    public static readonly JsonEncodedText Raw = JsonEncodedText.Encode("raw");
    public static readonly JsonEncodedText Readings = JsonEncodedText.Encode("readings");
    public static readonly JsonEncodedText Reason = JsonEncodedText.Encode("reason");
    public static readonly JsonEncodedText Rows = JsonEncodedText.Encode("rows");
    public static readonly JsonEncodedText Score = JsonEncodedText.Encode("score");
    public static readonly JsonEncodedText Sensors = JsonEncodedText.Encode("sensors");
    public static readonly JsonEncodedText Severity = JsonEncodedText.Encode("severity");
    public static readonly JsonEncodedText Size = JsonEncodedText.Encode("size");
    public static readonly JsonEncodedText Source = JsonEncodedText.Encode("source");
    public static readonly JsonEncodedText StandardDeviation = JsonEncodedText.Encode("stddev");
    public static readonly JsonEncodedText Start = JsonEncodedText.Encode("start");
    public static readonly JsonEncodedText State = JsonEncodedText.Encode("state");
    public static readonly JsonEncodedText Sum = JsonEncodedText.Encode("sum");
    public static readonly JsonEncodedText Time = JsonEncodedText.Encode("time");
    public static readonly JsonEncodedText TimeWeightedMean = JsonEncodedText.Encode("timeWeightedMean");
    public static readonly JsonEncodedText To = JsonEncodedText.Encode("to");
    public static readonly JsonEncodedText Truncated = JsonEncodedText.Encode("truncated");
    public static readonly JsonEncodedText Value = JsonEncodedText.Encode("value");
    public static readonly JsonEncodedText Window = JsonEncodedText.Encode("window");
    public static readonly JsonEncodedText Windows = JsonEncodedText.Encode("windows");
}
