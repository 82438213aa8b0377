import AsyncHTTPClient
import Hummingbird
@main struct Moorage { static func main() {} }
