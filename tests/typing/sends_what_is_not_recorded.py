from ai_gateway.model import ClearedOutbound, Outbound
from ai_gateway.ports import Vendor


async def send_prepared(vendor: Vendor, outbound: Outbound) -> None:
    await vendor.send(outbound)  # error: arg-type


async def send_cleared(vendor: Vendor, cleared: ClearedOutbound) -> None:
    await vendor.send(cleared)  # error: arg-type
