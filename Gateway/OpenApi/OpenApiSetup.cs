using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Gateway.Answers;
using SensorGrid.Gateway.Problems;

namespace SensorGrid.Gateway.OpenApi;

/// <summary>Makes the OpenAPI document from the routes' docs.</summary>
internal static class OpenApiSetup
{
    public static void AddGatewayOpenApi(this IServiceCollection services, IGrid grid) => services.AddOpenApi("v1", options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "SensorGrid",
                Version = grid.Info.Version,
                Description = "Readings of machines in; live twins, window statistics, flags and history out.",
            };
            // The path is enough: whoever reads the document has come to the server already.
            document.Servers = [new OpenApiServer { Url = "/" }];
            document.Tags = RouteDocs.Groups.Select(group => new OpenApiTag { Name = group }).ToHashSet();
            new Schemas(document).AddAll();
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            var doc = context.Description.ActionDescriptor.EndpointMetadata.OfType<RouteDoc>().Single();
            Describe(operation, doc, context.Description.RelativePath ?? "", context.Document!);
            return Task.CompletedTask;
        });
    });

    private static void Describe(OpenApiOperation operation, RouteDoc doc, string path, OpenApiDocument document)
    {
        operation.OperationId = doc.Id;
        operation.Summary = doc.Summary;
        operation.Tags = new HashSet<OpenApiTagReference> { new(doc.Group, document) };
        operation.Parameters = [.. PathParameters(path), .. doc.Query.Select(QueryParameter)];
        operation.RequestBody = doc.Body is null ? null : RequestBody(doc.Body, document);
        operation.Responses = [];
        foreach (var answer in doc.Answers)
        {
            operation.Responses[Text(answer.Status)] = new OpenApiResponse
            {
                Description = answer.Meaning,
                Headers = answer.Headers.Count == 0 ? null : answer.Headers.ToDictionary(header => header.Name, Header, StringComparer.Ordinal),
                Content = Content(answer, document),
            };
        }
        foreach (var (status, meaning) in doc.Problems)
        {
            operation.Responses[Text(status)] = Problem(status, meaning, document);
        }
        operation.Responses["default"] = Problem(
            500, "Any other failure: 403 or 421 where the page of another site asks, 408 where a body comes too slowly, 500 with `requestId`.", document);
    }

    private static IEnumerable<IOpenApiParameter> PathParameters(string path) =>
        from name in (string[])["factory", "machine", "sensor", "id"]
        where path.Contains($"{{{name}}}", StringComparison.Ordinal)
        select new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Path,
            Required = true,
            Schema = new OpenApiSchema
            {
                Type = JsonSchemaType.String,
                Pattern = "^[A-Za-z0-9._:-]+$",
                MinLength = 1,
                MaxLength = PathPart.MaxLength,
            },
        };

    private static IOpenApiParameter QueryParameter(ParameterDoc doc) => new OpenApiParameter
    {
        Name = doc.Name,
        In = ParameterLocation.Query,
        Description = doc.Meaning,
        Schema = new OpenApiSchema
        {
            Type = doc.Type,
            Enum = doc.Allowed is null ? null : [.. doc.Allowed.Select(value => (JsonNode)JsonValue.Create(value))],
        },
    };

    private static OpenApiRequestBody RequestBody(BodyDoc doc, OpenApiDocument document) => new()
    {
        Description = doc.Meaning,
        Required = true,
        Content = doc.Types.ToDictionary(
            type => type.MediaType,
            type => Media(
                type.Schema is null
                    ? new OpenApiSchema { Type = JsonSchemaType.String }
                    : new OpenApiSchemaReference(type.Schema, document),
                type.Schema is null ? JsonValue.Create(type.Example) : JsonNode.Parse(type.Example))),
    };

    private static Dictionary<string, OpenApiMediaType>? Content(AnswerDoc answer, OpenApiDocument document)
    {
        var content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal);
        if (answer.Schema is not null)
        {
            content[JsonAnswer.MediaType] = Media(new OpenApiSchemaReference(answer.Schema, document));
        }
        foreach (var type in answer.TextTypes)
        {
            content[type] = Media(new OpenApiSchema { Type = JsonSchemaType.String });
        }
        return content.Count > 0 ? content : null;
    }

    private static IOpenApiHeader Header(HeaderDoc doc) =>
        new OpenApiHeader { Description = doc.Meaning, Schema = new OpenApiSchema { Type = doc.Type, Format = doc.Format } };

    private static OpenApiResponse Problem(int status, string meaning, OpenApiDocument document) => new()
    {
        Description = meaning,
        Headers = status is not (429 or 503) ? null : new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
        {
            ["Retry-After"] = Header(new HeaderDoc("Retry-After", "Seconds.", JsonSchemaType.Integer)),
        },
        Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
        {
            [ProblemWriter.MediaType] = Media(new OpenApiSchemaReference("Problem", document)),
        },
    };

    private static OpenApiMediaType Media(IOpenApiSchema schema, JsonNode? example = null) => new() { Schema = schema, Example = example };

    private static string Text(int status) => status.ToString(CultureInfo.InvariantCulture);
}
