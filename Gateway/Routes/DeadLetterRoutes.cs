using System.Text;
using Microsoft.AspNetCore.Http;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Parameters;

namespace SensorGrid.Gateway.Routes;

/// <summary>What was refused of the bodies written.</summary>
internal sealed class DeadLetterRoutes(IGrid grid, GatewayOptions options)
{
    public async Task GetDeadLettersAsync(HttpContext context)
    {
        var limit = new Query(context.Request).Integer("limit", options.DefaultRows, 1, options.MaxRows);
        var letters = await grid.GetDeadLettersAsync(limit, context.RequestAborted);
        await using var json = JsonAnswer.Start(context);
        json.WriteStartObject();
        json.WriteStartArray(Names.Rows);
        foreach (var letter in letters)
        {
            json.WriteStartObject();
            json.WriteNumber(Names.Id, letter.Id);
            json.WriteTime(Names.Time, letter.Time);
            json.WriteString(Names.Source, letter.Source);
            json.WriteNumber(Names.Line, letter.Line);
            json.WriteString(Names.Reason, letter.Reason);
            json.WriteString(Names.Raw, Encoding.UTF8.GetString(letter.Raw));
            json.WriteEndObject();
            await json.FlushWhenLargeAsync(context);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
