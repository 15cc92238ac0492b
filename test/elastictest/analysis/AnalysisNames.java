package tailspan;

import java.util.Map;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.index.analysis.TokenizerFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * The index in which Elasticsearch keeps API keys names three analysers of a module that the minimal distribution does
 * without, and cannot be made when nobody has them. Here they have their names and do nothing: no test searches by them.
 */
public final class AnalysisNames extends Plugin implements AnalysisPlugin {
    @Override
    public Map<String, AnalysisProvider<TokenizerFactory>> getTokenizers() {
        return Map.of("uax_url_email", (index, environment, name, settings) -> TokenizerFactory.newFactory(name, KeywordTokenizer::new));
    }

    @Override
    public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
        AnalysisProvider<TokenFilterFactory> unchanged = (index, environment, filter, settings) -> new TokenFilterFactory() {
            @Override
            public String name() {
                return filter;
            }

            @Override
            public TokenStream create(TokenStream words) {
                return words;
            }
        };
        return Map.of("pattern_capture", unchanged, "unique", unchanged);
    }
}
