"""What the newsroom answers the gate's health check."""

from django.http import HttpRequest, JsonResponse

from broadsheet.press import reads


def newsroom(request: HttpRequest) -> JsonResponse:
    """`lag`: public changes the press has not pressed yet."""
    return JsonResponse({"database": True, "lag": reads.lag()})
