// Sound files: WAV headers, decoding, the store, the finder.
#include "media/prompt.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "asterism/media/files.hpp"
#include "media/prompt_store.hpp"
#include "support/test_loop.hpp"

namespace asterism::media {
namespace {

std::string le(std::uint32_t v, int bytes) {
    std::string s;
    for (int i = 0; i < bytes; ++i) s += static_cast<char>(v >> (8 * i));
    return s;
}
std::string wav(int format, int channels, std::uint32_t rate, int bits, const std::string& data,
                const std::string& before = {}) {
    std::string body = "WAVE" + before + "fmt " + le(16, 4) + le(static_cast<unsigned>(format), 2) +
                       le(static_cast<unsigned>(channels), 2) + le(rate, 4) + le(rate * 2, 4) + le(2, 2) +
                       le(static_cast<unsigned>(bits), 2) + "data" + le(static_cast<unsigned>(data.size()), 4) + data;
    return "RIFF" + le(static_cast<unsigned>(body.size()), 4) + body;
}
std::span<const std::uint8_t> bytes(const std::string& s) {
    return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()};
}

TEST(Wav, ReadsPcm) {
    const auto file = wav(1, 1, 8000, 16, le(100, 2) + le(0xFFFF, 2));
    const auto p = decode_file(bytes(file), "wav");
    ASSERT_TRUE(p) << p.error();
    EXPECT_EQ(p->codec, CodecId::slin);
    EXPECT_EQ(p->pcm, (std::vector<std::int16_t>{100, -1}));
}

TEST(Wav, MixesStereoAndKeepsTheRate) {
    const auto p = decode_file(bytes(wav(1, 2, 16000, 16, le(100, 2) + le(300, 2) + le(0, 2) + le(2, 2))), "wav");
    ASSERT_TRUE(p) << p.error();
    EXPECT_EQ(p->codec, CodecId::slin16);
    EXPECT_EQ(p->pcm, (std::vector<std::int16_t>{200, 1}));
}

TEST(Wav, StepsOverOtherChunks) {
    const auto p = decode_file(bytes(wav(7, 1, 8000, 8, "abcd", "LIST" + le(3, 4) + "xyz" + '\0')), "wav");
    ASSERT_TRUE(p) << p.error();
    EXPECT_EQ(p->codec, CodecId::ulaw);
    EXPECT_EQ(p->samples(), 4u);
}

TEST(Wav, SaysWhatIsWrong) {
    EXPECT_EQ(decode_file(bytes("hello"), "wav").error(), "not a WAV file");
    EXPECT_EQ(decode_file(bytes(wav(1, 1, 8000, 24, "abc")), "wav").error(), "WAV format 1 with 24 bits");
    EXPECT_EQ(decode_file(bytes(wav(1, 6, 8000, 16, "ab")), "wav").error(), "6 channels");
    EXPECT_EQ(decode_file(bytes(wav(1, 1, 11025, 16, "ab")), "wav").error(), "a sample rate of 11025 Hz");
    EXPECT_EQ(decode_file(bytes(wav(1, 1, 8000, 16, "").substr(0, 36)), "wav").error(), "a WAV file without data");
    EXPECT_EQ(decode_file(bytes("x"), "mp3").error(), "no format named 'mp3' is known");
}

TEST(Wav, TakesAFileWhoseWriterDied) {
    auto file = wav(1, 1, 8000, 16, std::string(400, 'x'));
    std::memset(file.data() + 40, 0, 4);  // the length was never filled in
    EXPECT_EQ(decode_file(bytes(file), "wav")->samples(), 200u);
    std::memset(file.data() + 40, 0x7F, 4);
    EXPECT_EQ(decode_file(bytes(file), "wav")->samples(), 200u);
}

TEST(Prompt, DecodesRawFormats) {
    EXPECT_EQ(decode_file(bytes("abcd"), "ul")->codec, CodecId::ulaw);
    EXPECT_EQ(decode_file(bytes("abcd"), "alaw")->codec, CodecId::alaw);
    EXPECT_EQ(decode_file(bytes("abcde"), "sln48")->samples(), 2u);
    EXPECT_EQ(decode_file(bytes("abcde"), "sln48")->rate, 48000u);
    EXPECT_EQ(decode_file(bytes(std::string(70, '\xD0')), "gsm")->samples(), 320u);
    EXPECT_EQ(decode_file(bytes(std::string(320, '\0')), "g722")->rate, 16000u);
    EXPECT_EQ(decode_file(bytes(""), "sln")->samples(), 0u);
}

class Files : public testing::Test {
  protected:
    Files() {
        char name[] = "/tmp/asterism-files-XXXXXX";
        dir = mkdtemp(name);
    }
    ~Files() override { std::filesystem::remove_all(dir); }
    void put(const std::string& name, const std::string& content = "xxxx") {
        std::filesystem::create_directories(std::filesystem::path(dir + "/" + name).parent_path());
        std::ofstream(dir + "/" + name, std::ios::binary) << content;
    }
    std::string find(std::string_view name, std::string_view language = "en", CodecId wanted = CodecId::ulaw) {
        auto found = resolve_prompt(name, language, {.dirs = {dir + "/sounds"}, .cwd = dir}, wanted);
        if (!found) return "-";
        return found->starts_with(dir) ? found->substr(dir.size() + 1) : *found;
    }
    std::string dir;
};

TEST_F(Files, LanguagesFallBack) {
    put("sounds/en/hello.wav");
    put("sounds/de/hello.wav");
    put("sounds/en_GB/tea.wav");
    put("sounds/plain.wav");
    put("sounds/digits/fr/1.gsm");
    EXPECT_EQ(find("hello", "de"), "sounds/de/hello.wav");
    EXPECT_EQ(find("hello", "de_AT_tirol"), "sounds/de/hello.wav");
    EXPECT_EQ(find("hello", "it"), "sounds/en/hello.wav");
    EXPECT_EQ(find("hello", ""), "sounds/en/hello.wav");
    EXPECT_EQ(find("tea", "en_GB"), "sounds/en_GB/tea.wav");
    EXPECT_EQ(find("tea", "en"), "-");
    EXPECT_EQ(find("plain", "de"), "sounds/plain.wav");
    EXPECT_EQ(find("digits/1", "fr"), "sounds/digits/fr/1.gsm");
    EXPECT_EQ(find("hello", "../en"), "-");
}

TEST_F(Files, TheCheapestFormatIsTaken) {
    for (const char* ext : {"gsm", "wav", "ulaw", "alaw", "sln16", "g722"}) put(std::string("sounds/en/p.") + ext);
    EXPECT_EQ(find("p", "en", CodecId::ulaw), "sounds/en/p.ulaw");
    EXPECT_EQ(find("p", "en", CodecId::alaw), "sounds/en/p.alaw");
    EXPECT_EQ(find("p", "en", CodecId::slin), "sounds/en/p.wav");
    EXPECT_EQ(find("p", "en", CodecId::g722), "sounds/en/p.g722");
    EXPECT_EQ(find("p", "en", CodecId::opus), "sounds/en/p.sln16");
    EXPECT_EQ(find("p", "en", CodecId::gsm), "sounds/en/p.gsm");
}

TEST_F(Files, AbsoluteRelativeAndWithExtension) {
    put("custom/a.wav");
    put("sounds/en/b.wav");
    EXPECT_EQ(find(dir + "/custom/a"), "custom/a.wav");
    EXPECT_EQ(find(dir + "/custom/a.wav"), "custom/a.wav");
    EXPECT_EQ(find("custom/a"), "custom/a.wav");  // from the current directory
    EXPECT_EQ(find("b.wav"), "sounds/en/b.wav");
    EXPECT_EQ(find("nothing"), "-");
    EXPECT_EQ(find(""), "-");
    EXPECT_EQ(find(std::string(5000, 'x')), "-");
    EXPECT_EQ(find(std::string_view("b\0c", 3)), "-");
}

TEST_F(Files, TheFinderRemembersAndForgets) {
    put("sounds/en/b.wav");
    TestLoop loop;
    PromptFinder finder(loop, {.dirs = {dir + "/sounds"}});
    const auto ask = [&](std::string_view name) {
        std::string answer = "none yet";
        finder.find(name, "en", CodecId::slin, [&](std::optional<std::string> p) { answer = p.value_or("-"); });
        EXPECT_EQ(answer, "none yet");  // never inline
        loop.run();
        return answer;
    };
    EXPECT_EQ(ask("b"), dir + "/sounds/en/b.wav");
    EXPECT_EQ(ask("later"), "-");
    put("sounds/en/later.wav");
    EXPECT_EQ(ask("later"), "-");  // believed for a moment
    finder.forget();
    EXPECT_EQ(ask("later"), dir + "/sounds/en/later.wav");
    std::filesystem::remove(dir + "/sounds/en/b.wav");
    loop.advance(20s);
    EXPECT_EQ(ask("b"), "-");
}

TEST_F(Files, TheStoreSharesForgetsAndNoticesChanges) {
    put("a.ulaw", std::string(1000, 'a'));
    put("b.ulaw", std::string(1000, 'b'));
    put("c.ulaw", std::string(1000, 'c'));
    TestLoop loop;
    PromptStore store(loop, 2500);
    const auto load = [&](const std::string& name) {
        PromptPtr got;
        std::string why;
        store.load(dir + "/" + name, [&](PromptPtr p, std::string error) {
            got = std::move(p);
            why = std::move(error);
        });
        loop.run();
        EXPECT_TRUE(got || !why.empty());
        return got;
    };
    const auto a = load("a.ulaw");
    ASSERT_TRUE(a);
    EXPECT_EQ(load("a.ulaw"), a);
    load("b.ulaw");
    load("a.ulaw");
    load("c.ulaw");  // b goes: it was played longest ago
    EXPECT_EQ(store.size(), 2u);
    EXPECT_EQ(store.bytes(), 2000u);
    EXPECT_EQ(load("a.ulaw"), a);
    loop.advance(2s);
    EXPECT_EQ(load("a.ulaw"), a);  // looked at again, and the same
    put("a.ulaw", std::string(700, 'z'));
    loop.advance(2s);
    const auto changed = load("a.ulaw");
    ASSERT_TRUE(changed);
    EXPECT_EQ(changed->samples(), 700u);
    EXPECT_EQ(a->samples(), 1000u);  // who plays the old one keeps it
    EXPECT_FALSE(load("missing.wav"));
    EXPECT_FALSE(load(""));  // a directory
}

}  // namespace
}  // namespace asterism::media
